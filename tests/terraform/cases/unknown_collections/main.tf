resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}

variable "count_of" {
  type = number
}

variable "names" {
  type = set(string)
}

resource "aws_subnet" "c" {
  count                   = var.count_of
  vpc_id                  = aws_vpc.v.id
  cidr_block              = "10.0.${count.index}.0/24"
  map_public_ip_on_launch = true
}

resource "aws_sqs_queue" "q" {
  for_each                  = var.names
  name                      = each.value
  sqs_managed_sse_enabled   = false
}

resource "aws_security_group" "s" {
  name = "s"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = concat(["0.0.0.0/0"], [aws_vpc.v.main_route_table_id])
  }

  dynamic "egress" {
    for_each = var.names
    content {
      from_port   = 0
      to_port     = 0
      protocol    = "-1"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

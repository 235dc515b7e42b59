variable "admin_cidrs" {
  type = list(string)
}

variable "rotate" {
  type = bool
}

resource "aws_security_group" "admin" {
  name = "admin"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.admin_cidrs
  }
}

resource "aws_vpc_security_group_ingress_rule" "admin" {
  security_group_id = aws_security_group.admin.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = var.admin_cidrs[0]
}

resource "aws_kms_key" "k" {
  enable_key_rotation = var.rotate
}

variable "cidrs" {
  type    = list(string)
  default = ["10.0.0.0/8"]
}

variable "size" {
  default = 1
}

variable "owner" {
  default = "default"
}

resource "aws_security_group" "s" {
  name        = "s-${var.size}"
  description = var.owner

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = var.cidrs
  }
}

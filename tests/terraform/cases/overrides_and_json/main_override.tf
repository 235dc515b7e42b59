variable "window" {
  default = 30
}

resource "aws_kms_key" "k" {
  enable_key_rotation = true
}

resource "aws_security_group" "s" {
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

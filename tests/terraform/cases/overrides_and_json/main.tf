variable "window" {
  default = 7
}

resource "aws_kms_key" "k" {
  description             = "base"
  enable_key_rotation     = false
  deletion_window_in_days = var.window
  tags                    = { from = "base" }
}

resource "aws_security_group" "s" {
  name = "s"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

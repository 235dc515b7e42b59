variable "rotation" {
  default = true
}

resource "aws_kms_key" "k" {
  enable_key_rotation = var.rotation
}

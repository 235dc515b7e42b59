variable "name" {}

variable "private" {
  default = true
}

resource "aws_s3_bucket" "b" {
  bucket = var.name
}

module "block" {
  source  = "./block"
  bucket  = aws_s3_bucket.b.bucket
  private = var.private
}

output "name" {
  value = aws_s3_bucket.b.bucket
}

output "inner" {
  value = module.block.bucket
}

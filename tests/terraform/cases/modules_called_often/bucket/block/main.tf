variable "bucket" {
  type = string
}

variable "private" {
  type = bool
}

resource "aws_s3_bucket_public_access_block" "p" {
  bucket            = var.bucket
  block_public_acls = var.private
}

output "bucket" {
  value = "inner-${aws_s3_bucket_public_access_block.p.bucket}"
}

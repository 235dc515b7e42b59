variable "on" {
  default = true
}

resource "aws_kms_key" "k" {
  enable_key_rotation = var.on
}

resource "aws_s3_bucket" "b" {
  count  = 2
  bucket = "b${count.index}"
}

resource "aws_cloudwatch_log_group" "g" {
  name       = "/g/${aws_s3_bucket.b[0].bucket}"
  kms_key_id = aws_kms_key.k.arn
  tags = {
    partly = "key-${aws_kms_key.k.key_id}"
    first  = try(aws_s3_bucket.b[0].arn, "none")
    third  = try(aws_s3_bucket.b[2].arn, "none")
    rotate = aws_kms_key.k.enable_key_rotation
    count  = length(aws_s3_bucket.b)
    names  = strcontains(join(" ", [for name, value in aws_kms_key.k : name]), "arn")
    listed = strcontains("%{ for name, value in aws_kms_key.k }${name} %{ endfor }", "arn")
  }
}

locals {
  broken = tonumber("many")
}

resource "aws_kms_key" "wrong" {
  description             = "d"
  deletion_window_in_days = local.broken
  enable_key_rotation     = upper(true, false)
}

resource "aws_kms_key" "fine" {
  deletion_window_in_days = 7
  description             = missing_name
}

resource "aws_sns_topic" "after" {
  name = "after"
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "x"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  default_tags {
    tags = { team = "core", env = "dev" }
  }
}

data "aws_region" "here" {}

data "aws_partition" "here" {}

resource "aws_sns_topic" "t" {
  name = "t-${data.aws_region.here.name}"
  tags = { env = "prod", part = data.aws_partition.here.partition }
}

resource "terraform_data" "d" {
  input = path.module
  lifecycle {
    ignore_changes = [input]
  }
}

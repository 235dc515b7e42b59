module "fetched" {
  source   = "example.com/acme/key/aws"
  version  = "1.2.3"
  rotation = false
}

module "missing" {
  source = "git::ssh://git@example.com/acme/vpc.git//modules/net?ref=v1"
  cidr   = "0.0.0.0/0"
}

resource "aws_security_group" "s" {
  name   = "s"
  vpc_id = module.missing.vpc_id
}

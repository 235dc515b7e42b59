variable "defaults" {
  default = { encrypted = false, size = 8 }
}

locals {
  by_env = {
    dev  = { cidr = "10.1.0.0/16", open = true }
    prod = { cidr = "10.2.0.0/16", open = false }
  }
  env   = "dev"
  rules = [{ port = 22, cidrs = ["0.0.0.0/0"] }, { port = 443, cidrs = ["10.0.0.0/8", "192.168.0.0/16"] }]
  later = local.earlier + 1
  earlier = 1
  all   = merge(var.defaults, { size = 20, type = "gp3" })
}

resource "aws_security_group" "s" {
  name        = join("-", [upper(local.env), local.later])
  description = lookup(local.by_env, "none", { cidr = "none" }).cidr

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = flatten([for r in local.rules : r.cidrs if r.port == 22])
  }
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = [cidrsubnet("0.0.0.0/0", 0, 0), cidrsubnet(local.by_env[local.env].cidr, 8, 3)]
  }
}

resource "aws_ebs_volume" "v" {
  availability_zone = element(["a", "b"], 3)
  encrypted         = local.all.encrypted
  size              = local.all["size"]
  type              = try(local.all.missing, local.all.type)
  tags = { for k, v in local.by_env : k => v.open ? "open" : "closed" }
}

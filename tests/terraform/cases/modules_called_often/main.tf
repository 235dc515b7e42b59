module "one" {
  source = "./bucket"
  name   = "one"
}

module "two" {
  source  = "./bucket"
  name    = "two"
  private = false
}

module "many" {
  source   = "./bucket"
  for_each = { x = true, y = false }
  name     = each.key
  private  = each.value
}

module "counted" {
  source = "./bucket"
  count  = 2
  name   = "c${count.index}"
}

module "off" {
  source = "./bucket"
  count  = 0
  name   = "off"
}

resource "aws_s3_bucket" "names" {
  bucket = join("-", [module.one.name, module.many["y"].name, module.counted[1].name, length(module.off)])
  tags   = { for k, m in module.many : k => m.inner }
}

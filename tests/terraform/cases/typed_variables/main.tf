module "m" {
  source = "./m"
  port   = "22"
  open   = "true"
  rules  = [{ name = "a" }, { name = "b", cidrs = ["10.0.0.0/8"], log = { days = 7 } }]
  empty  = null
}

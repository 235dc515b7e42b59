variable "port" {
  type = number
}

variable "open" {
  type = bool
}

variable "rules" {
  type = list(object({
    name  = string
    cidrs = optional(list(string), ["0.0.0.0/0"])
    log = optional(object({
      days = optional(number, 30)
      kms  = optional(string)
    }), {})
  }))
}

variable "empty" {
  type     = string
  default  = "default"
  nullable = false
}

resource "aws_security_group" "s" {
  for_each    = { for r in var.rules : r.name => r }
  name        = each.key
  description = "${var.empty}-${each.value.log.days}-${each.value.log.kms == null ? "none" : each.value.log.kms}"

  ingress {
    from_port   = var.port
    to_port     = var.port + 1
    protocol    = var.open ? "tcp" : "udp"
    cidr_blocks = each.value.cidrs
  }
}

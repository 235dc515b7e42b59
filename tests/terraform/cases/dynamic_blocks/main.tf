variable "ports" {
  default = { ssh = 22, web = 443 }
}

resource "aws_security_group" "empty" {
  name = "empty"

  dynamic "ingress" {
    for_each = []
    content {
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

resource "aws_security_group" "some" {
  name = "some"

  ingress {
    from_port   = 53
    to_port     = 53
    protocol    = "udp"
    cidr_blocks = ["10.0.0.0/8"]
  }

  dynamic "ingress" {
    for_each = var.ports
    iterator = port
    content {
      description = port.key
      from_port   = port.value
      to_port     = port.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

resource "aws_lb_listener" "l" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/b"
  port              = 80

  dynamic "default_action" {
    for_each = [{ type = "forward", groups = ["g1", "g2"] }]
    content {
      type = default_action.value.type
      forward {
        dynamic "target_group" {
          for_each = default_action.value.groups
          content {
            arn    = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${target_group.value}/x"
            weight = target_group.key
          }
        }
      }
    }
  }
}

variable "enabled" {
  default = false
}

resource "aws_db_instance" "never" {
  count               = var.enabled ? 1 : 0
  instance_class      = "db.t3.micro"
  publicly_accessible = true
}

resource "aws_db_instance" "none" {
  for_each            = toset([])
  instance_class      = "db.t3.micro"
  publicly_accessible = true
}

resource "aws_sqs_queue" "counted" {
  count = 2
  name  = "q${count.index}"
}

resource "aws_sqs_queue" "keyed" {
  for_each                  = { a = 60, "b-c" = 120 }
  name                      = each.key
  message_retention_seconds = each.value
}

resource "aws_sqs_queue_policy" "p" {
  for_each  = aws_sqs_queue.keyed
  queue_url = each.value.name
  policy    = jsonencode({ Id = aws_sqs_queue.counted[1].name })
}

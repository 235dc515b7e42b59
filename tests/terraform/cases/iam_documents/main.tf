locals {
  account = "123456789012"
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "full" {
  source_policy_documents   = [data.aws_iam_policy_document.base.json]
  override_policy_documents = [jsonencode({ Statement = [{ Sid = "Write", Effect = "Deny", Action = "s3:Delete*", Resource = "*" }] })]

  statement {
    sid         = "Write"
    effect      = "Allow"
    not_actions = ["iam:*"]
    resources   = ["arn:aws:s3:::logs/&{aws:username}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_policy" "data" {
  name   = "data"
  policy = data.aws_iam_policy_document.full.json
}

resource "aws_iam_policy" "encoded" {
  name   = "encoded"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

resource "aws_iam_policy" "file" {
  name   = "file"
  policy = file("${path.module}/policy.json")
}

resource "aws_iam_policy" "template" {
  name   = "template"
  policy = templatefile("${path.module}/policy.tftpl", { actions = ["s3:Get*", "s3:List*"], account = local.account })
}

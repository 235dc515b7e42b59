data "terraform_remote_state" "network" {
  backend = "local"
  config = {
    path = "elsewhere.tfstate"
  }
}

data "aws_kms_alias" "shared" {
  name = "alias/shared"
}

resource "aws_ebs_volume" "v" {
  availability_zone = data.terraform_remote_state.network.outputs.zone
  encrypted         = true
  kms_key_id        = data.aws_kms_alias.shared.target_key_arn
}

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0"
    }
    keyturn = {
      source = "registry.terraform.io/keyturn/keyturn"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "keyturn" {
  inspect_function = "keyturn-platform-prod-inspect"
  manage_function  = "keyturn-platform-prod-manage"
  region           = "eu-central-1"
}

# The value is put into this secret by hand, between the two applies: Terraform never sees it.
resource "aws_secretsmanager_secret" "checkout" {
  name = "keyturn/platform-prod/checkout"
  tags = {
    "keyturn:service" = "platform-prod"
    "keyturn:vendor"  = "pictify"
    "keyturn:name"    = "checkout"
    "keyturn:type"    = "live"
  }
}

resource "keyturn_api_key" "checkout" {
  secret_id = aws_secretsmanager_secret.checkout.arn
  name      = "checkout"
  vendor    = "pictify"
  type      = "live"

  # The id of the key in the vendor's dashboard.
  adopt_key_id = "key_made_by_hand"
}

resource "aws_secretsmanager_secret_rotation" "checkout" {
  secret_id           = aws_secretsmanager_secret.checkout.arn
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:keyturn-platform-prod-rotate"
  rotate_immediately  = false
  rotation_rules {
    automatically_after_days = 90
  }
  depends_on = [keyturn_api_key.checkout]
}

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0"
    }
    # With its host, because OpenTofu would take another one by itself.
    keyturn = {
      source = "registry.terraform.io/keyturn/keyturn"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The functions of the service that mints, rotates and revokes. Their names must be known when Terraform plans.
provider "keyturn" {
  inspect_function = "keyturn-platform-prod-inspect"
  manage_function  = "keyturn-platform-prod-manage"
  region           = "eu-central-1"
}

# First the secret. Its tags are the declaration: the functions read nothing else.
resource "aws_secretsmanager_secret" "web_shop" {
  name = "keyturn/platform-prod/web-shop"
  tags = {
    "keyturn:service" = "platform-prod"
    "keyturn:vendor"  = "pictify"
    "keyturn:name"    = "web-shop"
    "keyturn:type"    = "live"
    "keyturn:overlap" = "PT24H"
  }
}

# Then the key. It says the same as the tags, so that a plan shows a change; what differs is refused.
resource "keyturn_api_key" "web_shop" {
  secret_id = aws_secretsmanager_secret.web_shop.arn
  name      = "web-shop"
  vendor    = "pictify"
  type      = "live"

  # Another vendor or secret is another key: it works before this one is revoked.
  lifecycle {
    create_before_destroy = true
  }
}

# Last the rotation: it needs a key that is there. A changed schedule shall not mint one, so nothing is rotated at once.
resource "aws_secretsmanager_secret_rotation" "web_shop" {
  secret_id           = aws_secretsmanager_secret.web_shop.arn
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:keyturn-platform-prod-rotate"
  rotate_immediately  = false
  rotation_rules {
    automatically_after_days = 90
  }
  depends_on = [keyturn_api_key.web_shop]
}

# What a workload is given: where the value is, never the value.
output "secret_arn" {
  value = aws_secretsmanager_secret.web_shop.arn
}

output "key_id" {
  value = keyturn_api_key.web_shop.key_id
}

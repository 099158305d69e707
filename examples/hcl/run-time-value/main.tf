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

# A key that is declared elsewhere, by its secret.
data "aws_secretsmanager_secret" "web_shop" {
  name = "keyturn/platform-prod/web-shop"
}

# Read anew by each plan and apply, and written into neither the plan nor the state.
ephemeral "aws_secretsmanager_secret_version" "web_shop" {
  secret_id = data.aws_secretsmanager_secret.web_shop.arn
}

locals {
  api_key = jsondecode(ephemeral.aws_secretsmanager_secret_version.web_shop.secret_string).apiKey
}

# A copy for a workload that reads Parameter Store alone, through a write-only argument. It is written anew only when
# value_wo_version changes: raise it after each rotation, within the overlap.
resource "aws_ssm_parameter" "api_key" {
  name             = "/web-shop/pictify-api-key"
  type             = "SecureString"
  value_wo         = local.api_key
  value_wo_version = 1
}

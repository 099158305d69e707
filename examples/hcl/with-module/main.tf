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

locals {
  keys = {
    web-shop  = { vendor = "pictify", type = "live" }
    dashboard = { vendor = "pictograph", role = "viewer", rotate_after_days = 30 }
  }
}

module "api_key" {
  source   = "../modules/api-key"
  for_each = local.keys

  service             = "platform-prod"
  rotate_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:keyturn-platform-prod-rotate"
  name                = each.key
  vendor              = each.value.vendor
  role                = lookup(each.value, "role", null)
  type                = lookup(each.value, "type", null)
  rotate_after_days   = lookup(each.value, "rotate_after_days", 90)
}

output "secret_arns" {
  value = { for name, key in module.api_key : name => key.secret_arn }
}

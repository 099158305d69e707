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

# A key is imported by the ARN or the name of its secret; the secret by its ARN.
import {
  to = aws_secretsmanager_secret.web_shop
  id = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keyturn/platform-prod/web-shop-AbCdEf"
}

import {
  to = keyturn_api_key.web_shop
  id = "keyturn/platform-prod/web-shop"
}

resource "aws_secretsmanager_secret" "web_shop" {
  name = "keyturn/platform-prod/web-shop"
  tags = {
    "keyturn:service" = "platform-prod"
    "keyturn:vendor"  = "pictify"
    "keyturn:name"    = "web-shop"
    "keyturn:type"    = "live"
  }
}

resource "keyturn_api_key" "web_shop" {
  secret_id = aws_secretsmanager_secret.web_shop.arn
  name      = "web-shop"
  vendor    = "pictify"
  type      = "live"
}

# Runs without AWS and without a service: terraform test, in the module's folder.
mock_provider "aws" {
  mock_resource "aws_secretsmanager_secret" {
    defaults = {
      arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keyturn/platform-prod/web-shop-AbCdEf"
    }
  }
}

mock_provider "keyturn" {
  mock_resource "keyturn_api_key" {
    defaults = {
      key_id = "key_abc123"
      status = "current"
    }
  }
}

variables {
  service             = "platform-prod"
  rotate_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:keyturn-platform-prod-rotate"
  name                = "web-shop"
  vendor              = "pictify"
  type                = "live"
}

run "tags_and_arguments_say_the_same" {
  assert {
    condition = aws_secretsmanager_secret.this.tags == tomap({
      "keyturn:service" = "platform-prod"
      "keyturn:vendor"  = keyturn_api_key.this.vendor
      "keyturn:name"    = keyturn_api_key.this.name
      "keyturn:type"    = keyturn_api_key.this.type
    })
    error_message = "The secret's tags differ from the key's arguments."
  }

  assert {
    condition     = output.key_id == "key_abc123" && output.status == "current"
    error_message = "The outputs are not the key's facts."
  }
}

run "a_role_is_declared_in_place_of_a_type" {
  command = plan

  variables {
    vendor  = "pictograph"
    role    = "member"
    type    = null
    overlap = "PT48H"
    tags    = { team = "web" }
  }

  assert {
    condition = aws_secretsmanager_secret.this.tags == tomap({
      "keyturn:service" = "platform-prod"
      "keyturn:vendor"  = "pictograph"
      "keyturn:name"    = "web-shop"
      "keyturn:role"    = "member"
      "keyturn:overlap" = "PT48H"
      "team"            = "web"
    })
    error_message = "The tags do not declare the role."
  }
}

run "tags_of_the_declaration_cannot_be_set_beside_it" {
  command = plan

  variables {
    tags = { "keyturn:role" = "owner" }
  }

  expect_failures = [var.tags]
}

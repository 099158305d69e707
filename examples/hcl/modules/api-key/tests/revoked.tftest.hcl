# What is overridden counts when a resource is made, so that another status wants a file of its own.
mock_provider "aws" {}
mock_provider "keyturn" {}

override_resource {
  target = keyturn_api_key.this
  values = { status = "revoked" }
}

variables {
  service             = "platform-prod"
  rotate_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:keyturn-platform-prod-rotate"
  name                = "web-shop"
  vendor              = "pictify"
  type                = "live"
}

run "a_revoked_key_is_seen" {
  assert {
    condition     = output.status == "revoked"
    error_message = "The override does not reach the output."
  }
}

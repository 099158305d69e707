# One managed API key: the secret, the key in it, the rotation. What is declared stands once, in these locals, so that the
# secret's tags and the key's arguments cannot differ.
locals {
  declared = {
    name   = var.name
    vendor = var.vendor
    role   = var.role
    type   = var.type
  }
  settings = {
    service     = var.service
    overlap     = var.overlap
    quiet       = var.quiet
    deadline    = var.deadline
    on-deadline = var.on_deadline
  }
  declaration = {
    for name, value in merge(local.declared, local.settings) : "keyturn:${name}" => value if value != null
  }
}

resource "aws_secretsmanager_secret" "this" {
  name                    = coalesce(var.secret_name, "keyturn/${var.service}/${var.name}")
  description             = coalesce(var.description, "Keyturn: API key ${var.name} of ${var.vendor}")
  kms_key_id              = var.kms_key_id
  recovery_window_in_days = var.recovery_window_in_days
  tags                    = merge(var.tags, local.declaration)
}

resource "keyturn_api_key" "this" {
  secret_id     = aws_secretsmanager_secret.this.arn
  name          = local.declared.name
  vendor        = local.declared.vendor
  role          = local.declared.role
  type          = local.declared.type
  adopt_key_id  = var.adopt_key_id
  force_destroy = var.force_destroy

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  # Another vendor or secret is another key: it works before this one is revoked.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_secretsmanager_secret_rotation" "this" {
  secret_id           = aws_secretsmanager_secret.this.arn
  rotation_lambda_arn = var.rotate_function_arn
  # Or a changed schedule would mint a key for each secret at once.
  rotate_immediately = false
  rotation_rules {
    automatically_after_days = var.rotate_after_days
  }
  # A rotation needs a key that is there; and it ends before the key does.
  depends_on = [keyturn_api_key.this]
}

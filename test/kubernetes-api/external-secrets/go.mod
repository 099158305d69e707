// Not built: it pins the release of External Secrets whose definitions the tests install (external-secrets.ts).
module keyturn.test/external-secrets

go 1.25.0

require github.com/external-secrets/external-secrets v1.3.2

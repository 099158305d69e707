package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/cert"
)

// The files of a server's folder that hold its identity. A server that starts again in the same folder keeps them, so
// that kubeconfigs and service account tokens of before stay good.
const (
	certificateFile = "tls.crt"
	privateKeyFile  = "tls.key"
	signingKeyFile  = "service-accounts.key"
	adminTokenFile  = "admin-token"
	tokensFile      = "tokens.csv"
	kubeconfigFile  = "kubeconfig"
)

type credentials struct {
	certificate []byte
	adminToken  string
}

// ensureCredentials makes what is not there yet.
func ensureCredentials(f *folder) (*credentials, error) {
	if err := ensureCertificate(f); err != nil {
		return nil, err
	}
	if err := ensureFile(f.file(signingKeyFile), newSigningKey); err != nil {
		return nil, err
	}
	if err := ensureFile(f.file(adminTokenFile), func() ([]byte, error) { return []byte(rand.Text()), nil }); err != nil {
		return nil, err
	}
	token, err := os.ReadFile(f.file(adminTokenFile))
	if err != nil {
		return nil, err
	}
	certificate, err := os.ReadFile(f.file(certificateFile))
	if err != nil {
		return nil, err
	}
	line := strings.Join([]string{string(token), "admin", "admin", `"system:masters"`}, ",") + "\n"
	return &credentials{certificate: certificate, adminToken: string(token)}, os.WriteFile(f.file(tokensFile), []byte(line), 0o600)
}

// ensureCertificate writes the certificate last: where it is, its key is.
func ensureCertificate(f *folder) error {
	return ensureFile(f.file(certificateFile), func() ([]byte, error) {
		certificate, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", nil, []string{"localhost"})
		if err != nil {
			return nil, err
		}
		return certificate, os.WriteFile(f.file(privateKeyFile), key, 0o600)
	})
}

func ensureFile(path string, content func() ([]byte, error)) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	made, err := content()
	if err != nil {
		return err
	}
	return os.WriteFile(path, made, 0o600)
}

func newSigningKey() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	encoded, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded}), nil
}

// writeKubeconfig writes the administrator's kubeconfig.
func writeKubeconfig(path string, config *rest.Config) error {
	const name = "keyturn-test"
	kubeconfig := api.NewConfig()
	kubeconfig.Clusters[name] = &api.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	kubeconfig.AuthInfos[name] = &api.AuthInfo{Token: config.BearerToken}
	kubeconfig.Contexts[name] = &api.Context{Cluster: name, AuthInfo: name}
	kubeconfig.CurrentContext = name
	return clientcmd.WriteToFile(*kubeconfig, path)
}

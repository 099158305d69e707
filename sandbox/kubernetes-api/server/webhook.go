package main

import (
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// webhookConfig returns the path of the kubeconfig by which the API server reaches the webhook that reviews tokens.
func webhookConfig(f *folder, urlOrPath string) (string, error) {
	if !strings.HasPrefix(urlOrPath, "http://") && !strings.HasPrefix(urlOrPath, "https://") {
		return urlOrPath, nil
	}
	const name = "authentication-webhook"
	config := api.NewConfig()
	config.Clusters[name] = &api.Cluster{Server: urlOrPath}
	config.Contexts[name] = &api.Context{Cluster: name}
	config.CurrentContext = name
	path := f.file(name)
	return path, clientcmd.WriteToFile(*config, path)
}

package main

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// secretReference is one mention of a Secret in a pod.
type secretReference struct {
	secret   string
	keys     []string
	optional bool
	// isVolume: kubelet reports a missing one otherwise than in a container's environment.
	isVolume bool
}

// podInputs is what a pod's containers find as they start.
type podInputs struct {
	// waiting is why they cannot start, nil where nothing is missing.
	waiting *corev1.ContainerStateWaiting
	// versions are the resourceVersions of the Secrets, by name.
	versions map[string]string
}

// readSecrets looks up each Secret that the pod mentions.
func readSecrets(ctx context.Context, client kubernetes.Interface, pod *corev1.Pod) (podInputs, error) {
	inputs := podInputs{versions: map[string]string{}}
	for _, reference := range secretReferences(pod) {
		secret, err := client.CoreV1().Secrets(pod.Namespace).Get(ctx, reference.secret, metav1.GetOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return inputs, err
		}
		if err == nil {
			inputs.versions[secret.Name] = secret.ResourceVersion
		}
		if problem := reference.problem(pod.Namespace, secret, err == nil); problem != "" {
			inputs.waiting = reference.waitingFor(problem)
			return inputs, nil
		}
	}
	return inputs, nil
}

func (r secretReference) problem(namespace string, secret *corev1.Secret, isFound bool) string {
	if r.optional {
		return ""
	}
	if !isFound {
		return fmt.Sprintf("secret %q not found", r.secret)
	}
	for _, key := range r.keys {
		if _, there := secret.Data[key]; !there {
			return fmt.Sprintf("couldn't find key %s in Secret %s/%s", key, namespace, r.secret)
		}
	}
	return ""
}

func (r secretReference) waitingFor(problem string) *corev1.ContainerStateWaiting {
	if r.isVolume {
		// The message of a missing volume is in an event only.
		return &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
	}
	return &corev1.ContainerStateWaiting{Reason: "CreateContainerConfigError", Message: problem}
}

func recordInputs(pod *corev1.Pod, inputs podInputs) {
	if inputs.waiting != nil || len(inputs.versions) == 0 {
		return
	}
	// A map of texts has no value that JSON could not hold.
	text, _ := json.Marshal(inputs.versions)
	metav1.SetMetaDataAnnotation(&pod.ObjectMeta, annotationStartedWith, string(text))
}

func secretReferences(pod *corev1.Pod) []secretReference {
	var found []secretReference
	for _, container := range pod.Spec.Containers {
		found = append(found, environmentReferences(container)...)
	}
	for _, volume := range pod.Spec.Volumes {
		found = append(found, volumeReferences(volume)...)
	}
	return found
}

func environmentReferences(container corev1.Container) []secretReference {
	var found []secretReference
	for _, source := range container.EnvFrom {
		if ref := source.SecretRef; ref != nil {
			found = append(found, secretReference{secret: ref.Name, optional: isSet(ref.Optional)})
		}
	}
	for _, variable := range container.Env {
		if variable.ValueFrom == nil || variable.ValueFrom.SecretKeyRef == nil {
			continue
		}
		ref := variable.ValueFrom.SecretKeyRef
		found = append(found, secretReference{secret: ref.Name, keys: []string{ref.Key}, optional: isSet(ref.Optional)})
	}
	return found
}

func volumeReferences(volume corev1.Volume) []secretReference {
	var found []secretReference
	if source := volume.Secret; source != nil {
		found = append(found, secretReference{secret: source.SecretName, keys: keysOf(source.Items), optional: isSet(source.Optional), isVolume: true})
	}
	if volume.Projected == nil {
		return found
	}
	for _, source := range volume.Projected.Sources {
		if secret := source.Secret; secret != nil {
			found = append(found, secretReference{secret: secret.Name, keys: keysOf(secret.Items), optional: isSet(secret.Optional), isVolume: true})
		}
	}
	return found
}

func keysOf(items []corev1.KeyToPath) []string {
	var keys []string
	for _, item := range items {
		keys = append(keys, item.Key)
	}
	return keys
}

func isSet(flag *bool) bool { return flag != nil && *flag }

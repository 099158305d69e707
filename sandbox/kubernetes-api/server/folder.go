package main

import (
	"os"
	"path/filepath"
)

// longestSocket is what the system with the shortest limit allows for the path of a socket (104 with its end mark, macOS).
const longestSocket = 103

// folder is where one server keeps its objects, credentials and logs.
type folder struct {
	path string
	// temporary is gone when the server ends: the whole folder, or where its sockets are, or nothing ("").
	temporary string
	sockets   string
}

// openFolder opens the folder at path, or a temporary one where path is empty.
func openFolder(path string) (*folder, error) {
	if path == "" {
		made, err := makeTemporary()
		return &folder{path: made, sockets: made, temporary: made}, err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(absolute, 0o700); err != nil {
		return nil, err
	}
	if len(filepath.Join(absolute, etcdSocket)) <= longestSocket {
		return &folder{path: absolute, sockets: absolute}, nil
	}
	made, err := makeTemporary()
	return &folder{path: absolute, sockets: made, temporary: made}, err
}

func makeTemporary() (string, error) { return os.MkdirTemp("", "keyturn-kubernetes-") }

func (f *folder) file(name string) string   { return filepath.Join(f.path, name) }
func (f *folder) socket(name string) string { return filepath.Join(f.sockets, name) }

func (f *folder) close() {
	if f.temporary != "" {
		_ = os.RemoveAll(f.temporary)
	}
}

package contender

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"time"
)

// Certificate makes a certificate of 127.0.0.1 for the endpoint, and the
// environment in which a function trusts it: beside the machine's own
// certificates, of which a start has to read as many as Lambda's has.
func (s *Set) Certificate() (path string, env []string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "taskbridge bench"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", nil, err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return "", nil, err
	}
	path = s.path("endpoint")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	// /etc/ssl/certs/ca-certificates.crt is Debian's, the other Amazon Linux's.
	var bundle []byte
	for _, file := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"} {
		if bundle, err = os.ReadFile(file); err == nil {
			break
		}
	}
	for name, text := range map[string][]byte{
		path + ".crt": certificate, path + ".key": pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}),
		path + ".bundle": append(certificate, bundle...),
	} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return "", nil, err
		}
	}
	none := s.path("no-certificates")
	if err := os.MkdirAll(none, 0o700); err != nil {
		return "", nil, err
	}
	return path, []string{"SSL_CERT_FILE=" + path + ".bundle", "SSL_CERT_DIR=" + none, "REQUESTS_CA_BUNDLE=" + path + ".bundle"}, nil
}

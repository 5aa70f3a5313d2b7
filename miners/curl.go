package miners

import "strings"

// CurlCode returns what kind of trouble libcurl means by reason, the words with
// which it explains why there is no connection. Most older programs print them.
func CurlCode(reason string) Code {
	reason = strings.ToLower(reason)
	for _, known := range []struct {
		words string
		code  Code
	}{
		{"resolve", CodeDNSFailed},
		{"malformed", CodeBadURL},
		{"illegal", CodeBadURL}, // "URL using bad/illegal format"
		{"unsupported protocol", CodeBadURL},
		{"not supported", CodeBadURL},
		{"port number", CodeBadURL},
		{"error: 401", CodeAuthFailed},
		{"error: 403", CodeAuthFailed},
		{"error: 50", CodePoolDown}, // 500 to 504, of a server that is there
	} {
		if strings.Contains(reason, known.words) {
			return known.code
		}
	}
	return CodeConnectFailed
}

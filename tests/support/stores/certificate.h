// A self-signed certificate for 127.0.0.1 with any validity, which the openssl program of Debian 12
// does not make.
#pragma once

#include <string>

namespace albicilla::tests {

struct CertificateFiles {
  std::string cert_file;  // PEM
  std::string key_file;   // PEM
};

// Valid between these times, in seconds from now; written below `directory`.
CertificateFiles make_certificate(const std::string& directory, long valid_from, long valid_until);

}  // namespace albicilla::tests

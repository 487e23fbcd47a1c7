// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/dtls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>

namespace rooms::load {

/// Datagrams in and out, one at a time: boundaries stay what they are.
struct DtlsPipe {
  static DtlsSession& session(BIO* bio) { return *static_cast<DtlsSession*>(BIO_get_data(bio)); }

  static int write(BIO* bio, const char* data, int size) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(data);
    session(bio).outgoing_.emplace_back(bytes, bytes + size);
    return size;
  }

  static int read(BIO* bio, char* data, int size) {
    auto& incoming = session(bio).incoming_;
    BIO_clear_retry_flags(bio);
    if (incoming.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const auto count = std::min(incoming.size(), static_cast<std::size_t>(size));
    std::memcpy(data, incoming.data(), count);
    incoming = {};
    return static_cast<int>(count);
  }

  static long control(BIO*, int command, long, void*) {
    switch (command) {
      case BIO_CTRL_FLUSH:
        return 1;
      case BIO_CTRL_DGRAM_QUERY_MTU:
      case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return 1200;
      default:
        return 0;
    }
  }

  static BIO_METHOD* method() {
    static BIO_METHOD* const method = [] {
      auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
      BIO_meth_set_write(made, write);
      BIO_meth_set_read(made, read);
      BIO_meth_set_ctrl(made, control);
      return made;
    }();
    return method;
  }
};

namespace {

std::string hex(const unsigned char* bytes, unsigned size) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    if (i > 0) text += ':';
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

std::string digest_of(X509* certificate, const std::string& hash) {
  std::string name;  // "sha-256" is "SHA256" here
  for (const char c : hash)
    if (c != '-') name += c;
  const EVP_MD* type = EVP_get_digestbyname(name.c_str());
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!type || X509_digest(certificate, type, digest, &size) != 1) return {};
  return hex(digest, size);
}

X509* self_signed(EVP_PKEY* key) {
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 30 * 24 * 3600);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("gst-rooms-load"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_set_pubkey(certificate, key);
  if (X509_sign(certificate, key, EVP_sha256()) > 0) return certificate;
  X509_free(certificate);
  return nullptr;
}

std::string openssl_error() {
  char text[256] = "unknown error";
  if (const auto code = ERR_get_error()) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

}  // namespace

Result<std::unique_ptr<DtlsIdentity>> DtlsIdentity::create() {
  std::unique_ptr<DtlsIdentity> identity(new DtlsIdentity);
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = key ? self_signed(key) : nullptr;
  SSL_CTX* context = SSL_CTX_new(DTLS_method());
  identity->context_ = context;
  const bool ready = certificate && context && SSL_CTX_use_certificate(context, certificate) == 1 &&
                     SSL_CTX_use_PrivateKey(context, key) == 1 &&
                     SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AES128_CM_SHA1_80") == 0;
  if (ready) {
    identity->fingerprint_ = digest_of(certificate, "sha-256");
    // Whose certificate it is, the fingerprint tells; that there is one at all, this does.
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       [](int, X509_STORE_CTX*) { return 1; });
    SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
  if (!ready) return Error{"dtls", "Cannot make a DTLS certificate: " + openssl_error()};
  return identity;
}

DtlsIdentity::~DtlsIdentity() { SSL_CTX_free(context_); }

DtlsSession::DtlsSession(const DtlsIdentity& identity, bool as_client, std::string hash,
                         std::string fingerprint)
    : as_client_(as_client), hash_(std::move(hash)), fingerprint_(std::move(fingerprint)) {
  ssl_ = SSL_new(identity.context());
  BIO* pipe = BIO_new(DtlsPipe::method());
  BIO_set_data(pipe, this);
  BIO_set_init(pipe, 1);
  SSL_set_bio(ssl_, pipe, pipe);
  SSL_set_options(ssl_, SSL_OP_NO_QUERY_MTU);
  DTLS_set_link_mtu(ssl_, 1200);
  // As browsers do: 50 ms, then twice as long each time. A second (RFC 6347 4.2.4.1) would be most
  // of the join wherever a first flight comes before the server is ready for it.
  DTLS_set_timer_cb(ssl_, [](SSL*, unsigned elapsed_us) -> unsigned {
    return elapsed_us == 0 ? 50'000 : std::min(elapsed_us * 2, 1'600'000U);
  });
  if (as_client) {
    SSL_set_connect_state(ssl_);
  } else {
    SSL_set_accept_state(ssl_);
  }
}

DtlsSession::~DtlsSession() { SSL_free(ssl_); }

void DtlsSession::receive(Bytes datagram) {
  incoming_ = datagram;
  advance();
  incoming_ = {};
}

void DtlsSession::tick() {
  if (state_ == State::kHandshaking && DTLSv1_handle_timeout(ssl_) < 0)
    fail("the DTLS handshake timed out");
}

void DtlsSession::close() {
  if (state_ != State::kConnected) return;
  SSL_shutdown(ssl_);
  state_ = State::kClosed;
}

std::vector<std::vector<std::uint8_t>> DtlsSession::take_outgoing() {
  return std::exchange(outgoing_, {});
}

void DtlsSession::advance() {
  if (state_ == State::kHandshaking) {
    const int done = SSL_do_handshake(ssl_);
    if (done == 1) return verify();
    const int error = SSL_get_error(ssl_, done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
      fail("the DTLS handshake failed: " + openssl_error());
    return;
  }
  if (state_ != State::kConnected) return;
  // Alerts and data-channel packets: only the former mean something here.
  char ignored[2048];
  while (SSL_read(ssl_, ignored, sizeof ignored) > 0) {
  }
  if ((SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0) state_ = State::kClosed;
}

void DtlsSession::verify() {
  X509* certificate = SSL_get1_peer_certificate(ssl_);
  const auto actual = certificate ? digest_of(certificate, hash_) : std::string();
  X509_free(certificate);
  if (actual != fingerprint_)
    return fail("the server's certificate does not have the fingerprint its SDP says");
  if (!SSL_get_selected_srtp_profile(ssl_)) return fail("the server does not do DTLS-SRTP");
  state_ = State::kConnected;
}

void DtlsSession::fail(std::string why) {
  state_ = State::kFailed;
  failure_ = std::move(why);
}

/// RFC 5764 4.2: client key, server key, client salt, server salt.
std::optional<SrtpKeys> DtlsSession::keys() const {
  constexpr char kLabel[] = "EXTRACTOR-dtls_srtp";
  std::uint8_t material[60];
  if (state_ != State::kConnected ||
      SSL_export_keying_material(ssl_, material, sizeof material, kLabel, sizeof kLabel - 1,
                                 nullptr, 0, 0) != 1) {
    return std::nullopt;
  }
  SrtpMasterKey client{};
  SrtpMasterKey server{};
  std::copy_n(material, 16, client.begin());
  std::copy_n(material + 16, 16, server.begin());
  std::copy_n(material + 32, 14, client.begin() + 16);
  std::copy_n(material + 46, 14, server.begin() + 16);
  return as_client_ ? SrtpKeys{client, server} : SrtpKeys{server, client};
}

}  // namespace rooms::load

// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/srtp/srtp_cipher.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

namespace rooms {

namespace {

constexpr std::size_t kBlock = 16;
/// That are encrypted at a time: more than a packet has.
constexpr std::size_t kBlocks = 96;

/// Fetching walks OpenSSL's providers under a lock, so once a process, not once a connection.
const EVP_CIPHER* aes_128() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr);
  return cipher;
}

/// A block in one register.
using Register = std::uint64_t __attribute__((vector_size(kBlock)));

/// to[i] = from[i] ^ with[i]; `to` may be `from`.
void combine(std::uint8_t* to, const std::uint8_t* from, const std::uint8_t* with,
             std::size_t size) {
  Register a;
  Register b;
  for (; size >= kBlock; size -= kBlock) {
    std::memcpy(&a, from, kBlock);
    std::memcpy(&b, with, kBlock);
    a ^= b;
    std::memcpy(to, &a, kBlock);
    to += kBlock;
    from += kBlock;
    with += kBlock;
  }
  for (std::size_t i = 0; i < size; ++i) to[i] = from[i] ^ with[i];
}

/// Counters from number `first` on: `start`, then the number in two bytes.
void count(const std::array<std::uint8_t, 14>& start, std::size_t first, std::uint8_t* out,
           std::size_t blocks) {
  std::array<std::uint8_t, kBlock> block{};
  std::copy(start.begin(), start.end(), block.begin());
  Register counter;
  std::memcpy(&counter, block.data(), kBlock);
  const std::uint64_t fixed = load_u64(&block[8]);
  for (std::size_t i = 0; i < blocks; ++i) {
    store_u64(&block[8], fixed + first + i);
    std::uint64_t numbered = 0;
    std::memcpy(&numbered, &block[8], sizeof(numbered));
    counter[1] = numbered;
    std::memcpy(out + kBlock * i, &counter, kBlock);
  }
}

/// RFC 3711 4.3.3 with a key derivation rate of 0: the key stream of the master key at (label XOR
/// salt).
void derive(KeyStream& master, const std::uint8_t* master_salt, unsigned label, MutableBytes out) {
  std::array<std::uint8_t, 14> start;
  std::copy_n(master_salt, start.size(), start.begin());
  start[7] = static_cast<std::uint8_t>(start[7] ^ label);
  master.begin(start);
  master.crypt(out.data(), out.data(), out.size());
}

}  // namespace

SrtpSessionKeys::~SrtpSessionKeys() {
  OPENSSL_cleanse(encryption.data(), encryption.size());
  OPENSSL_cleanse(authentication.data(), authentication.size());
  OPENSSL_cleanse(salt.data(), salt.size());
}

KeyStream::KeyStream(const std::array<std::uint8_t, 16>& key) {
  if (aes_128() == nullptr) return;
  context_.reset(EVP_CIPHER_CTX_new());
  if (context_ && EVP_EncryptInit_ex(context_.get(), aes_128(), nullptr, key.data(), nullptr) != 1)
    context_.reset();
  if (context_) EVP_CIPHER_CTX_set_padding(context_.get(), 0);
}

void KeyStream::begin(const std::array<std::uint8_t, 14>& start) {
  start_ = start;
  position_ = 0;
}

bool KeyStream::crypt(const std::uint8_t* in, std::uint8_t* out, std::size_t size) {
  if (!context_) return false;
  std::array<std::uint8_t, kBlock * kBlocks> stream;
  while (size > 0) {
    const std::size_t skipped = position_ % kBlock;
    const std::size_t part = std::min(size, stream.size() - skipped);
    const std::size_t blocks = (skipped + part + kBlock - 1) / kBlock;
    count(start_, position_ / kBlock, stream.data(), blocks);
    int written = 0;
    if (EVP_EncryptUpdate(context_.get(), stream.data(), &written, stream.data(),
                          static_cast<int>(blocks * kBlock)) != 1)
      return false;
    combine(out, in, &stream[skipped], part);
    position_ += part;
    in += part;
    out += part;
    size -= part;
  }
  return true;
}

SrtpSessionKeys derive_session_keys(const SrtpMasterKey& master, SrtpLabel label) {
  SrtpSessionKeys keys;
  std::array<std::uint8_t, 16> master_key;
  std::copy_n(master.begin(), master_key.size(), master_key.begin());
  const std::uint8_t* master_salt = master.data() + master_key.size();
  KeyStream stream(master_key);
  const auto first = static_cast<unsigned>(label);
  derive(stream, master_salt, first, keys.encryption);
  derive(stream, master_salt, first + 1, keys.authentication);
  derive(stream, master_salt, first + 2, keys.salt);
  OPENSSL_cleanse(master_key.data(), master_key.size());
  return keys;
}

SrtpCipher::SrtpCipher(const SrtpSessionKeys& keys)
    : stream_(keys.encryption), salt_(keys.salt), hmac_(keys.authentication) {}

void SrtpCipher::begin(std::uint32_t ssrc, std::uint64_t index) {
  auto start = salt_;
  store_u32(&start[4], load_u32(&start[4]) ^ ssrc);
  store_u32(&start[8], load_u32(&start[8]) ^ static_cast<std::uint32_t>(index >> 16));
  store_u16(&start[12], load_u16(&start[12]) ^ static_cast<std::uint32_t>(index & 0xFFFF));
  stream_.begin(start);
}

}  // namespace rooms

// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/ice_lite.h"

#include <algorithm>
#include <utility>

namespace rooms {

namespace {

/// A peer that nominates several pairs at once (RFC 5245 8.1.1.2) settles on the best one; one that
/// was nominated this lately is still in use, so a worse one does not replace it.
constexpr Duration kNominationFresh = std::chrono::seconds(3);

}  // namespace

IceLite::IceLite(IceCredentials local, Timestamp now)
    : current_(std::move(local)), last_consent_(now) {}

void IceLite::restart(IceCredentials local) {
  // Two restarts in a row: what the peer really uses is still the oldest.
  if (!restart_pending_) previous_ = std::move(current_);
  current_ = std::move(local);
  restart_pending_ = true;
}

bool IceLite::knows(std::string_view ufrag) const { return credentials_for(ufrag) != nullptr; }

const IceCredentials* IceLite::credentials_for(std::string_view ufrag) const {
  if (ufrag.empty()) return nullptr;
  if (ufrag == current_.ufrag) return &current_;
  return previous_ && ufrag == previous_->ufrag ? &*previous_ : nullptr;
}

IceAnswer IceLite::refuse(const StunMessage& request, StunError error, std::string_view password,
                          MutableBytes response) {
  StunWriter writer(response, StunClass::kError, request.transaction);
  writer.error(error);
  if (error == StunError::kUnknownAttribute) writer.unknown_attributes(request);
  IceAnswer answer;
  answer.outcome = IceAnswer::Outcome::kRefused;
  answer.error = error;
  // RFC 8489 9.1.3: no MESSAGE-INTEGRITY before the request has proved that it knows the password.
  answer.size = password.empty() ? writer.finish() : writer.finish(password);
  return answer;
}

IceAnswer IceLite::on_request(Bytes datagram, const IceTuple& from, Timestamp now,
                              MutableBytes response) {
  const auto message = parse_stun(datagram);
  return message ? on_request(*message, from, now, response) : IceAnswer{};
}

IceAnswer IceLite::on_request(const StunMessage& request, const IceTuple& from, Timestamp now,
                              MutableBytes response) {
  // Indications are keepalives (RFC 8445 11) and prove nothing; responses answer requests we never
  // sent.
  if (request.message_class != StunClass::kRequest || request.method != kStunBinding) return {};
  if (!request.username || request.integrity_offset == 0) {
    return refuse(request, StunError::kBadRequest, {}, response);
  }
  const IceCredentials* credentials = credentials_for(request.local_ufrag());
  if (credentials == nullptr || !has_integrity(request, credentials->password)) {
    return refuse(request, StunError::kUnauthenticated, {}, response);
  }
  if (request.unknown_count > 0) {
    return refuse(request, StunError::kUnknownAttribute, credentials->password, response);
  }
  // RFC 8445 7.3.1.1: a lite agent cannot take the controlling role, so the peer has to.
  if (request.controlled) {
    return refuse(request, StunError::kRoleConflict, credentials->password, response);
  }

  IceAnswer answer;
  if (is_replay(request.transaction, from)) {
    answer.outcome = IceAnswer::Outcome::kReplayed;
    return answer;
  }
  StunWriter writer(response, StunClass::kSuccess, request.transaction);
  writer.xor_mapped_address(from.address);
  answer.size = writer.finish(credentials->password);
  answer.outcome = IceAnswer::Outcome::kAccepted;
  answer.connected = !selected_;

  if (restart_pending_ && credentials == &current_) {
    // The new session begins without nominations; media stays on the old tuple until it has one.
    previous_.reset();
    restart_pending_ = false;
    nominated_ = false;
    nominees_ = {};
    answer.restarted = true;
  }
  if (request.use_candidate) {
    answer.selected_changed = nominate(from, request.priority.value_or(0), now);
  } else if (!selected_) {
    selected_ = from;
    answer.selected_changed = true;
  }
  if (selected_ == from) last_consent_ = now;
  return answer;
}

bool IceLite::is_replay(const StunTransactionId& transaction, const IceTuple& from) {
  for (const Answered& one : answered_) {
    // From the same address it is a retransmission: the response was lost.
    if (one.transaction == transaction) return one.from != from;
  }
  if (answered_.size() < kRememberedTransactions) {
    answered_.push_back({transaction, from});
  } else {
    answered_[oldest_answered_] = {transaction, from};
    oldest_answered_ = (oldest_answered_ + 1) % kRememberedTransactions;
  }
  return false;
}

void IceLite::forget(const IceTuple& tuple) {
  if (Nominee* nominee = find(tuple)) *nominee = {};
  if (selected_ != tuple) return;
  selected_.reset();
  nominated_ = false;
}

bool IceLite::on_data(const IceTuple& from) {
  if (nominated_ || !selected_ || *selected_ == from) return false;
  selected_ = from;
  return true;
}

bool IceLite::on_moved(const IceTuple& to, Timestamp now) {
  if (!selected_ || *selected_ == to) return false;
  const Nominee* before = find(*selected_);
  remember_nominee(to, before != nullptr ? before->priority : 0, now);
  selected_ = to;
  nominated_ = true;
  last_consent_ = now;
  return true;
}

IceLite::Nominee* IceLite::find(const IceTuple& tuple) {
  for (Nominee& nominee : nominees_) {
    if (nominee.tuple == tuple) return &nominee;
  }
  return nullptr;
}

void IceLite::remember_nominee(const IceTuple& tuple, std::uint32_t priority, Timestamp now) {
  Nominee* nominee = find(tuple);
  if (nominee == nullptr) {
    nominee = &*std::min_element(nominees_.begin(), nominees_.end(),
                                 [](const Nominee& a, const Nominee& b) {
                                   return std::pair(a.tuple.address.valid(), a.last_nominated) <
                                          std::pair(b.tuple.address.valid(), b.last_nominated);
                                 });
  }
  *nominee = {tuple, priority, now};
}

bool IceLite::nominate(const IceTuple& from, std::uint32_t priority, Timestamp now) {
  const Nominee* before = find(from);
  const bool known = before != nullptr && now - before->last_nominated < kConsentTimeout;
  remember_nominee(from, priority, now);
  if (selected_ == from) {
    nominated_ = true;
    return false;
  }
  // A tuple never nominated before is a peer that moved. A known one competes with the selected by
  // priority.
  const Nominee* selected = selected_ && nominated_ ? find(*selected_) : nullptr;
  if (known && selected != nullptr && now - selected->last_nominated < kNominationFresh &&
      priority <= selected->priority) {
    return false;
  }
  selected_ = from;
  nominated_ = true;
  return true;
}

}  // namespace rooms

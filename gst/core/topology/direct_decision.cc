// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/topology/direct_decision.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

bool may_be_direct(const TopologySituation& situation) {
  const bool is_wished = situation.wished == Topology::kAuto || situation.wished == Topology::kMesh;
  return is_wished && !situation.needs_server && situation.members.size() == 2 &&
         std::all_of(situation.members.begin(), situation.members.end(),
                     [](const auto& member) { return member.takes_direct; });
}

}  // namespace

void DirectDecision::watch_pair(const TopologySituation& situation, Timestamp now) {
  // Who asks for it does not wait for the end of a pause.
  if (situation.wished != wished_ && situation.wished == Topology::kMesh) not_before_ = now;
  wished_ = situation.wished;
  if (!may_be_direct(situation)) {
    pair_.reset();
    return;
  }
  std::pair pair{situation.members[0].id, situation.members[1].id};
  if (pair.first > pair.second) std::swap(pair.first, pair.second);
  if (pair_ == pair) return;
  pair_ = pair;
  pair_since_ = now;
  if (tried_ == pair) return;
  tried_ = std::move(pair);
  failures_ = 0;
  not_before_ = now;
}

void DirectDecision::begin(Timestamp now) {
  last_ = {++number_, pair_->first, pair_->second, false};
  session_ = last_;
  since_ = now;
  established_since_.reset();
  first_receives_ = false;
  second_receives_ = false;
}

bool DirectDecision::update(const TopologySituation& situation, Timestamp now) {
  watch_pair(situation, now);
  if (session_) {
    const bool is_theirs =
        pair_ && session_->first == pair_->first && session_->second == pair_->second;
    if (!is_theirs) {
      session_.reset();
      return true;
    }
    if (session_->established || now - since_ < config_.patience) return false;
    fail(now);
    return true;
  }
  if (!pair_ || now < not_before_) return false;
  if (wished_ == Topology::kAuto && now - pair_since_ < config_.settling) return false;
  begin(now);
  return true;
}

bool DirectDecision::receives(unsigned number, const std::string& member, Timestamp now) {
  if (!session_ || session_->number != number || session_->established) return false;
  first_receives_ |= member == session_->first;
  second_receives_ |= member == session_->second;
  if (!first_receives_ || !second_receives_) return false;
  session_->established = true;
  if (!established_since_) established_since_ = now;
  return true;
}

bool DirectDecision::doubts(unsigned number, const std::string& member, Timestamp now) {
  if (!session_ || session_->number != number || !session_->has(member)) return false;
  (member == session_->first ? first_receives_ : second_receives_) = false;
  if (!session_->established) return false;
  session_->established = false;
  since_ = now;
  return true;
}

bool DirectDecision::failed(unsigned number, const std::string& member, Timestamp now) {
  if (!session_ || session_->number != number || !session_->has(member)) return false;
  fail(now);
  return true;
}

void DirectDecision::fail(Timestamp now) {
  if (established_since_ && now - *established_since_ >= config_.proven) failures_ = 0;
  Duration pause = config_.pause;
  for (unsigned n = 0; n < failures_ && pause < config_.longest_pause; ++n) pause *= 2;
  not_before_ = now + std::min(pause, config_.longest_pause);
  ++failures_;
  session_.reset();
}

std::optional<std::string> DirectDecision::peer_in(unsigned number,
                                                   const std::string& member) const {
  if (number == 0 || last_.number != number || !last_.has(member)) return std::nullopt;
  return member == last_.first ? last_.second : last_.first;
}

}  // namespace rooms

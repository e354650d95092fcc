//===- target/Hash.cpp ----------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "target/Hash.h"
#include <array>
#include <bit>
#include <cstddef>

namespace hillock::target {

namespace {

// The five primes of the xxHash specification.
constexpr uint64_t p1 = 0x9E3779B185EBCA87u;
constexpr uint64_t p2 = 0xC2B2AE3D27D4EB4Fu;
constexpr uint64_t p3 = 0x165667B19E3779F9u;
constexpr uint64_t p4 = 0x85EBCA77C2B2AE63u;
constexpr uint64_t p5 = 0x27D4EB2F165667C5u;

uint64_t readLe(const char *at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i)
    value |= uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  return value;
}

uint64_t round(uint64_t lane, uint64_t input) {
  return std::rotl(lane + input * p2, 31) * p1;
}

} // namespace

Hasher::Hasher() : lane{p1 + p2, p2, 0, uint64_t{0} - p1}, rest{} {}

void Hasher::stripe(const char *at) {
  for (size_t i = 0; i < 4; ++i)
    lane[i] = round(lane[i], readLe(at + 8 * i, 8));
}

void Hasher::add(std::string_view bytes) {
  const char *at = bytes.data(), *const end = at + bytes.size();
  total += bytes.size();
  while (kept > 0 && at != end) {
    rest[kept++] = *at++;
    if (kept == rest.size()) {
      stripe(rest.data());
      kept = 0;
    }
  }
  for (; end - at >= 32; at += 32)
    stripe(at);
  while (at != end)
    rest[kept++] = *at++;
}

uint64_t Hasher::value() const {
  const char *at = rest.data(), *const end = at + kept;
  uint64_t hash = p5;
  if (total >= 32) {
    hash = std::rotl(lane[0], 1) + std::rotl(lane[1], 7) +
           std::rotl(lane[2], 12) + std::rotl(lane[3], 18);
    for (uint64_t value : lane)
      hash = (hash ^ round(0, value)) * p1 + p4;
  }
  hash += total;
  for (; end - at >= 8; at += 8)
    hash = std::rotl(hash ^ round(0, readLe(at, 8)), 27) * p1 + p4;
  if (end - at >= 4) {
    hash = std::rotl(hash ^ (readLe(at, 4) * p1), 23) * p2 + p3;
    at += 4;
  }
  for (; at != end; ++at)
    hash = std::rotl(hash ^ (readLe(at, 1) * p5), 11) * p1;
  hash = (hash ^ (hash >> 33)) * p2;
  hash = (hash ^ (hash >> 29)) * p3;
  return hash ^ (hash >> 32);
}

uint64_t hashBytes(std::string_view bytes) {
  Hasher hasher;
  hasher.add(bytes);
  return hasher.value();
}

} // namespace hillock::target

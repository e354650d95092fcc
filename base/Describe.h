//===- base/Describe.h - How things are named in messages -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One place decides how numbers, places and lists look in messages, so that
// all errors and reports read alike.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_DESCRIBE_H
#define HILLOCK_BASE_DESCRIBE_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hillock {

/// "1,234,567".
std::string withSeparators(uint64_t value);
std::string withSeparators(int64_t value);

/// "1 neuron", "1,234 neurons"; \p plural defaults to \p noun + "s".
std::string describeCount(uint64_t count, const std::string &noun,
                          const std::string &plural = {});

/// "1 byte", "512 bytes", "5.0 KiB", "1.2 GiB".
std::string describeBytes(uint64_t bytes);

/// "1 bit", "4,096 bits", "1,048,576 bits (128.0 KiB)" from one KiB on.
std::string describeBits(uint64_t bits);

/// "core (chip 0, tile 3, core 2)".
std::string describeCore(uint64_t chip, uint64_t tile, uint64_t core);

/// "(2, 34, 34)"; a scalar's shape is "()".
std::string describeShape(const std::vector<int64_t> &shape);

/// "a", "a and b", "a, b and c", "a, b, c and 7 more"; "none" for an empty
/// list. At most \p most names are spelled out (0 counts as 1).
std::string describeList(const std::vector<std::string> &names,
                         size_t most = 3);

/// 83.2 s as "1 min 23 s", 0.5 s as "0.5 s", 7300 s as "2 h 02 min".
std::string describeSeconds(double seconds);

/// The candidate that \p name is most likely a misspelling of: the smallest
/// edit distance (case counts half a step), at most a third of the length;
/// ties go to the earlier candidate.
std::optional<std::string>
closestMatch(const std::string &name,
             const std::vector<std::string> &candidates);

/// "did you mean 'x'?", or "known are a, b and c" when nothing is close, or
/// "" when there is nothing to choose from. Made for makeError's remedy.
std::string didYouMean(const std::string &name,
                       const std::vector<std::string> &candidates);

} // namespace hillock

#endif // HILLOCK_BASE_DESCRIBE_H

//===- tests/differential/Engines.h - Everything that must agree *- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_DIFFERENTIAL_ENGINES_H
#define HILLOCK_TESTS_DIFFERENTIAL_ENGINES_H

#include "tests/differential/Reference.h"
#include <functional>

namespace hillock::differential {

/// Names of the ways to run a network: kinds of lanes, threads, cycle mode,
/// ranks, interrupted runs.
std::vector<std::string> engineNames();

/// Runs \p spec in each way (or in the ones of \p only) and compares it with
/// the reference; also that all leave the same checkpoint. Empty when all
/// agree, else the engine and the first difference. \p expected: what the
/// reference gave, when it is not null. Without \p slow those that make machine
/// code are left out, unless they are named.
std::string disagreement(const Spec &spec, const std::vector<std::string> &only,
                         Trace *expected = nullptr, bool slow = true);

/// The smallest network found for which \p fails still holds, as it does for
/// \p spec.
Spec shrink(Spec spec, const std::function<bool(const Spec &)> &fails);

} // namespace hillock::differential

#endif // HILLOCK_TESTS_DIFFERENTIAL_ENGINES_H

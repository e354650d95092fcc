//===- backends/odin/Lint.h - Mistakes in SPI programs ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a program does to the chip besides what it was meant to do. Each rule is
// a behaviour of the released RTL that its documentation does not warn of.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_ODIN_LINT_H
#define HILLOCK_BACKENDS_ODIN_LINT_H

#include "backends/odin/SpiProgram.h"

namespace hillock::odin {

enum class Severity : uint8_t { Error, Warning, Note };
llvm::StringRef severityName(Severity severity);

struct LintRule {
  const char *name; ///< "open-loop"
  Severity severity;
  const char *trap;   ///< what the chip does
  const char *remedy; ///< an imperative
};

/// In the order of docs/targets/odin.md.
llvm::ArrayRef<LintRule> lintRules();

struct LintFinding {
  const LintRule *rule;
  /// The first frame that it is about; npos: the whole program.
  size_t frame;
  /// How often the rule is broken.
  size_t count;
  std::string text; ///< the first case
};

/// At most one finding a rule, in the order of the rules.
std::vector<LintFinding> lint(const SpiStream &stream);

/// "FILE: line 7 (frame 3): error: ... [open-loop]" and the trap below it.
std::string describe(const SpiStream &stream, const LintFinding &finding,
                     llvm::StringRef file);

} // namespace hillock::odin

#endif // HILLOCK_BACKENDS_ODIN_LINT_H

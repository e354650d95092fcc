//===- compiler/frontend/nir/Conventions.h - What files leave open -*- C++ -*-//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A NIR file does not say how long a time step is, in which unit its time
// constants are, how they are to be integrated, or what a reset does. Each such
// choice is made here once, with its source, so that it can be shown and stored
// on every operation. The order is: option, metadata of the file, consistent
// inference from the parameters, default; there is no default time step.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_CONVENTIONS_H
#define HILLOCK_COMPILER_FRONTEND_NIR_CONVENTIONS_H

#include "base/Error.h"
#include "compiler/frontend/nir/Normalize.h"
#include <array>
#include <optional>
#include <string_view>

namespace hillock::nir {

enum class TimeUnit : uint8_t { Seconds, Milliseconds, Steps };

/// With x the input, dt/tau the step:
///   Euler            v = (1 - dt/tau) v + (dt/tau) (r x + v_leak)
///   Exact            v = b v + (1 - b) (r x + v_leak), b = exp(-dt/tau)
///   ExponentialEuler v = b v + (dt/tau) (r x + v_leak)
/// and the same for the synaptic current, which is updated first.
enum class Integrator : uint8_t { Euler, Exact, ExponentialEuler };

/// Value: to v_reset. Subtract: by the threshold.
enum class Reset : uint8_t { Value, Subtract };

/// Held: a spike is the value 1 during one step (adds dt/tau r).
/// Event: a spike is a delta of area 1 (adds r/tau, whatever the step).
enum class InputReading : uint8_t { Held, Event };

struct ConventionOptions {
  std::optional<double> dt; ///< In the unit of the file's time constants.
  std::optional<TimeUnit> timeUnit;
  std::optional<Integrator> integrator;
  std::optional<Reset> reset;
  std::optional<bool> strictThreshold; ///< v > threshold, not >=.
  std::optional<InputReading> input;
};

template <typename T> struct Choice {
  T value;
  std::string source; ///< "--dt", "metadata of the file", "default", ...
};

struct Resolved {
  Choice<double> dt; ///< In timeUnit; always positive and finite.
  Choice<TimeUnit> timeUnit;
  Choice<Integrator> integrator;
  Choice<Reset> reset;
  Choice<bool> strictThreshold;
  Choice<InputReading> input;
  /// IF and I: v = v + x when true (r = 1 means "one step adds x", as Sinabs
  /// writes it), v = v + dt r x otherwise.
  Choice<bool> stepNormalized;
  /// By index of FlatGraph::nodes; metadata of a node goes before that of the
  /// graph, an option before both.
  std::vector<Reset> nodeReset;
  std::vector<std::string> remarks;

  /// dt in seconds; none when the unit is steps.
  std::optional<double> dtSeconds() const;
  /// Rows of name, value, source for a summary.
  std::vector<std::array<std::string, 3>> table() const;
};

/// Errors: the time step cannot be found (the message shows what each node
/// would imply), or is longer than a time constant under forward Euler.
Expected<Resolved> resolve(const FlatGraph &graph,
                           const ConventionOptions &options = {});

/// Spellings of options and metadata: "s", "ms", "steps"; "euler", "exact",
/// "exponential-euler"; "value" (or "zero", "hard"), "subtract" (or "soft").
std::optional<TimeUnit> parseTimeUnit(std::string_view text);
std::optional<Integrator> parseIntegrator(std::string_view text);
std::optional<Reset> parseReset(std::string_view text);
const char *nameOf(TimeUnit unit);
const char *nameOf(Integrator integrator);
const char *nameOf(Reset reset);
const char *nameOf(InputReading input);

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_CONVENTIONS_H

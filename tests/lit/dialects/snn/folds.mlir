// Folds of the dialect: what changes nothing goes away, the rest stays.
// RUN: hillock-opt %s --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: @scale
// CHECK-SAME: time_unit
snn.network @scale dt 1.0 time_unit 1.0 {
  // CHECK: %[[X:.*]] = snn.input
  %x = snn.input "x" : !snn.graded<2xf32>
  %one = snn.scale %x by dense<1.0> : tensor<1xf32> : (!snn.graded<2xf32>) -> !snn.graded<2xf32>
  %ones = snn.scale %one by dense<[1.0, 1.0]> : tensor<2xf32> : (!snn.graded<2xf32>) -> !snn.graded<2xf32>
  // CHECK: snn.output "same", %[[X]]
  snn.output "same", %ones : !snn.graded<2xf32>
  // CHECK: %[[S:.*]] = snn.scale %[[X]] by dense<[1.000000e+00, 2.000000e+00]>
  %two = snn.scale %x by dense<[1.0, 2.0]> : tensor<2xf32> : (!snn.graded<2xf32>) -> !snn.graded<2xf32>
  // CHECK: snn.output "two", %[[S]]
  snn.output "two", %two : !snn.graded<2xf32>
  // Another type, so it stays.
  // CHECK: %[[T:.*]] = snn.scale %[[X]] by dense<1.000000e+00>
  %typed = snn.scale %x by dense<1.0> : tensor<1xf32> : (!snn.graded<2xf32>) -> !snn.current<2xf32>
  // CHECK: snn.output "typed", %[[T]]
  snn.output "typed", %typed : !snn.current<2xf32>
}

// -----

// CHECK-LABEL: @flatten
snn.network @flatten dt 1.0 time_unit 1.0 {
  // CHECK: %[[X:.*]] = snn.input
  %x = snn.input "x" : !snn.spikes<2x3>
  %same = snn.flatten %x : (!snn.spikes<2x3>) -> !snn.spikes<2x3>
  // CHECK: snn.output "same", %[[X]]
  snn.output "same", %same : !snn.spikes<2x3>
  // CHECK: %[[F:.*]] = snn.flatten %[[X]] : (!snn.spikes<2x3>) -> !snn.spikes<6>
  %flat = snn.flatten %x : (!snn.spikes<2x3>) -> !snn.spikes<6>
  // CHECK: snn.output "flat", %[[F]]
  snn.output "flat", %flat : !snn.spikes<6>
  %back = snn.flatten %flat : (!snn.spikes<6>) -> !snn.spikes<2x3>
  // CHECK: snn.output "back", %[[X]]
  snn.output "back", %back : !snn.spikes<2x3>
}

// -----

// CHECK-LABEL: @sum
snn.network @sum dt 1.0 time_unit 1.0 {
  // CHECK: %[[X:.*]] = snn.input
  %x = snn.input "x" : !snn.spikes<2>
  %one = snn.sum %x : (!snn.spikes<2>) -> !snn.spikes<2>
  // CHECK: snn.output "one", %[[X]]
  snn.output "one", %one : !snn.spikes<2>
  // CHECK: %[[S:.*]] = snn.sum %[[X]], %[[X]]
  %two = snn.sum %x, %x : (!snn.spikes<2>, !snn.spikes<2>) -> !snn.spikes<2>
  // CHECK: snn.output "two", %[[S]]
  snn.output "two", %two : !snn.spikes<2>
}

// -----

// CHECK-LABEL: @delay
snn.network @delay dt 1.0 time_unit 1.0 {
  // CHECK: %[[X:.*]] = snn.input
  %x = snn.input "x" : !snn.spikes<2>
  %zero = snn.delay %x steps dense<0> : tensor<1xi64> : !snn.spikes<2>
  %zeros = snn.delay %zero steps dense<[0, 0]> : tensor<2xi64> : !snn.spikes<2>
  // CHECK: snn.output "now", %[[X]]
  snn.output "now", %zeros : !snn.spikes<2>
  // CHECK: %[[D:.*]] = snn.delay %[[X]] steps dense<[0, 1]>
  %some = snn.delay %x steps dense<[0, 1]> : tensor<2xi64> : !snn.spikes<2>
  // CHECK: snn.output "some", %[[D]]
  snn.output "some", %some : !snn.spikes<2>
}

// -----

// Pure ops that nobody uses go; populations have state and stay.
// CHECK-LABEL: @unused
snn.network @unused dt 1.0 time_unit 1.0 {
  // CHECK-NEXT: snn.input
  %x = snn.input "x" : !snn.spikes<2>
  // CHECK-NEXT: snn.population "lif" %{{.*}} -> !snn.spikes<2>{{$}}
  %p = snn.population "lif" %x registers {} initial {} : (!snn.spikes<2>) -> !snn.spikes<2>
  %c = snn.dense %x weights dense<1.0> : tensor<2x2xf32> : (!snn.spikes<2>) -> !snn.current<2xf32>
  %q = snn.pool sum %r kernel [1] stride [1] padding [0, 0] : (!snn.spikes<1x2>) -> !snn.spikes<1x2>
  %r = snn.flatten %x : (!snn.spikes<2>) -> !snn.spikes<1x2>
  // CHECK-NEXT: {{^ *}$}}
}

// RUN: hillock-opt %s --snn-quantize-to-loihi --verify-diagnostics --split-input-file

#subtract = #snn.conventions<integrator = euler, order = integrate_fire, reset = subtract, compare = strict, refractory = 0, multi = false, clamp = 0>

// expected-error@+1 {{reset by subtraction: a single Loihi 1 compartment resets to a value}}
snn.network @subtract dt 1.0 time_unit 0.0 {
  %x = snn.input "x" : !snn.spikes<1>
  %c = snn.dense %x weights dense<0.5> : tensor<1x1xf32> : (!snn.spikes<1>) -> !snn.current<1xf32>
  %s = snn.neurons if %c conventions #subtract {r = dense<1.0> : tensor<1xf64>, v_threshold = dense<1.0> : tensor<1xf64>, v_reset = dense<0.0> : tensor<1xf64>} : (!snn.current<1xf32>) -> !snn.spikes<1>
  snn.output "y", %s : !snn.spikes<1>
}

// -----

#nir = #snn.conventions<integrator = euler, order = integrate_fire, reset = value, compare = strict, refractory = 0, multi = false, clamp = 0>

// Two projections on a loop with one step: the chip needs two.
// expected-error@+1 {{closes a cycle with fewer steps of delay than projections}}
snn.network @loop dt 1.0 time_unit 0.0 {
  %x = snn.input "x" : !snn.spikes<1>
  %c = snn.dense %x weights dense<0.5> : tensor<1x1xf32> : (!snn.spikes<1>) -> !snn.current<1xf32>
  %late = snn.delay %b steps dense<1> : tensor<1xi64> : !snn.spikes<1>
  %r = snn.dense %late weights dense<-0.5> : tensor<1x1xf32> : (!snn.spikes<1>) -> !snn.current<1xf32>
  %i = snn.sum %c, %r : (!snn.current<1xf32>, !snn.current<1xf32>) -> !snn.current<1xf32>
  %a = snn.neurons if %i conventions #nir {name = "a", r = dense<1.0> : tensor<1xf64>, v_threshold = dense<1.0> : tensor<1xf64>, v_reset = dense<0.0> : tensor<1xf64>} : (!snn.current<1xf32>) -> !snn.spikes<1>
  %d = snn.dense %a weights dense<0.5> : tensor<1x1xf32> : (!snn.spikes<1>) -> !snn.current<1xf32>
  %b = snn.neurons if %d conventions #nir {name = "b", r = dense<1.0> : tensor<1xf64>, v_threshold = dense<1.0> : tensor<1xf64>, v_reset = dense<0.0> : tensor<1xf64>} : (!snn.current<1xf32>) -> !snn.spikes<1>
  snn.output "y", %b : !snn.spikes<1>
}

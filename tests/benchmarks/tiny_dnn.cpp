// LeNet-5 of tiny-dnn, one pattern a step: reads a number of steps on a line, writes seconds a step.
//
// The layers are those of the library's own LeNet-5 (trainable average pooling, Table I in C3) with
// F6 of 84 units.  tiny-dnn has no RBF units: its last layer is an ordinary one with the squared
// error, so that its sums are nearly ours but its numbers are not, and only times are compared.
#include <chrono>
#include <iostream>
#include <string>

#include <tiny_dnn/tiny_dnn.h>

using namespace tiny_dnn;
using namespace tiny_dnn::activation;

static network<sequential> lenet5(const std::string &table) {
  bool connected[6 * 16];
  for (size_t i = 0; i < 6 * 16; i++) connected[i] = table[i] == '1';
  network<sequential> net;
  net << convolutional_layer<tan_h>(32, 32, 5, 1, 6)
      << average_pooling_layer<tan_h>(28, 28, 6, 2)
      << convolutional_layer<tan_h>(14, 14, 5, 6, 16, core::connection_table(connected, 6, 16))
      << average_pooling_layer<tan_h>(10, 10, 16, 2)
      << convolutional_layer<tan_h>(5, 5, 5, 16, 120)
      << fully_connected_layer<tan_h>(120, 84) << fully_connected_layer<tan_h>(84, 10);
  return net;
}

int main(int, char **arguments) {  // arguments[1]: 6 x 16 digits, 1 where C3 sees a map of S2
  network<sequential> net = lenet5(arguments[1]);
  gradient_descent optimizer;
  optimizer.alpha = 0.0001;
  std::string line;
  while (std::getline(std::cin, line)) {
    const size_t steps = std::stoul(line);
    std::vector<vec_t> images(steps, vec_t(32 * 32));
    std::vector<label_t> labels(steps);
    for (size_t n = 0; n < steps; n++) {
      for (float_t &pixel : images[n]) pixel = uniform_rand(float_t(-0.1), float_t(1.175));
      labels[n] = static_cast<label_t>(n % 10);
    }
    const auto started = std::chrono::steady_clock::now();
    net.train<mse>(optimizer, images, labels, 1, 1);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    std::cout << took.count() / steps << std::endl;
  }
}

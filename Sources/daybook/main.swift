import ArgumentParser
import Hummingbird
import Yams
print("x")

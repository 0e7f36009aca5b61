import Substrate
import Testing

@Suite("Substrate")
struct SubstrateTests {}

import Relay
import Testing

@Suite("Relay")
struct RelayTests {}

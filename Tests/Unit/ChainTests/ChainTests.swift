import Chain
import Testing

@Suite("Chain")
struct ChainTests {}

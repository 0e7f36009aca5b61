enum SchemaTestsPlaceholder {}

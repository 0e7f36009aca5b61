enum NamingPlaceholder {}

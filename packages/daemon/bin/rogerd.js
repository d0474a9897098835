#!/usr/bin/env node
import "../dist/rogerd/main.js";

#!/usr/bin/env node
import "../dist/rogerctl/main.js";
